use rhai::packages::{Package, StandardPackage};
use rhai::{Engine, EvalAltResult};

use super::*;
use crate::check::tests::found;

/// Returns what is said of lines of `main`, with the lines.
fn said(body: &str) -> Vec<String> {
    let book =
        format!("import \"m\" as m;\nfn main(params) {{ let ids = []; let n = 0;\n{body}\n}}");
    found(&[("book.rhai", &book), ("m", MODULE)])
}

const MODULE: &str = r#"
fn apart(work) { run::step("apart", work) }
fn within(work) { run::step("within", || work.call()) }
fn all(works) { for name in works.keys() { run::step("one", name, works[name]); } }
fn at_once(work) { work.call() }
"#;

#[track_caller]
fn refused(body: &str) {
    assert_eq!(said(body).len(), 1, "{body}: {:?}", said(body));
}

#[track_caller]
fn allowed(body: &str) {
    assert_eq!(said(body), [""; 0], "{body}");
}

#[test]
fn every_change_in_a_closure_that_is_recorded_is_refused() {
    for change in [
        "n = 1",
        "n += 1",
        "ids[0] = 1",
        "ids[0].a.b = 1",
        "ids.a += 1",
        "ids.push(1)",
        "ids.a.push(1)",
        "ids[n].push(1)",
        "ids[0].a[n].pop().len()",
        "ids?.clear()",
        "let ids = ids.pop()",
        "{ let ids = 1; } ids.push(1)",
        "if n == 1 { } else { for i in 0..3 { ids.push(i); } }",
        "let m = #{a: ids.pop()}",
        "try { throw 1; } catch (e) { n = 1; }",
        "switch n { 1 => n = 2, _ => {} }",
        "[1].for_each(|it| ids.push(it))",
        "[1].for_each(|it| [2].for_each(|other| { n += other; }))",
        "params.n = 1",
        "n = n + 1; log::info(`${n}`)",
    ] {
        for closure in [
            "run::step(\"a\", || { CHANGE; });",
            "run::step(\"a\", \"item\", || { CHANGE; });",
            "run::wait_until(\"a\", #{}, || { CHANGE; });",
            "run::retry(\"a\", #{}, || { CHANGE; });",
            "run::parallel(#{a: || { CHANGE; }});",
            "run::parallel([1, 2], |it| { CHANGE; });",
        ] {
            refused(&closure.replace("CHANGE", change));
        }
    }
}

#[test]
fn what_a_closure_has_to_itself_it_may_change() {
    for body in [
        "let own = []; own.push(1); own[0] = n; own.len()",
        "let ids = [1]; ids.push(2)",
        "let ids = ids; ids.push(2)",
        "for n in 0..3 { n += 1; }",
        "for (item, n) in ids { n += 1; }",
        "try { throw 1; } catch (n) { n = 2; }",
        "let add = |n| { n += 1; n }; add.call(1)",
        "if n == 1 { let ids = []; ids.push(1); }",
        "let own = [1]; own.for_each(|it| own.push(it)); own.map(|n| { n += 1; n })",
        "ids.len() + n",
        "ids.filter(|id| id != n).map(|id| { let id = id; id += 1; id }).len()",
        "ids.map(|id| id).push(1)",
        "let text = ids[0].to_upper(); text.trim(); text",
    ] {
        allowed(&format!("run::step(\"a\", || {{ {body} }});"));
        allowed(&format!("run::parallel([1], |it| {{ {body} }});"));
    }
    // A function that is no closure captures nothing.
    allowed("run::step(\"a\", Fn(\"main\")); [1].for_each(|it| ids.push(it)); n += 1;");
}

#[test]
fn a_closure_is_found_where_it_is_written() {
    for body in [
        "let work = || n += 1; run::step(\"a\", work);",
        "let works = #{}; for i in 0..2 { works[`${i}`] = || ids.push(1); } run::parallel(works);",
        "let works = #{a: || 1}; works.b = || ids.push(1); run::parallel(works);",
        "let add = |id| ids.push(id); run::step(\"a\", || { add.call(1); 1 });",
        "m::apart(|| ids.push(1));",
        "m::within(|| ids.push(1));",
        "m::all(#{a: || ids.push(1), b: || 1});",
        "let work = || ids.push(1); m::apart(work);",
        "run::step(\"a\", || m::at_once(|| ids.push(1)));",
        "run::step(\"outer\", || { run::step(\"inner\", || { n = 1; }); });",
    ] {
        refused(body);
    }
    allowed("m::at_once(|| ids.push(1));");
    allowed("let sum = ids.map(|id| { n += 1; id }); run::step(\"a\", || sum.len());");
    allowed("run::step(\"a\", || { let ids = []; m::at_once(|| ids.push(1)); ids });");
}

#[test]
fn a_function_of_the_script_may_change_what_it_is_called_on() {
    let book = |function: &str| {
        let book = format!(
            "fn main(params) {{ let ids = [];\nrun::step(\"a\", || {{ ids.add(1); }}); }}\n{function}"
        );
        found(&[("book.rhai", &book)])
    };
    assert_eq!(
        book("fn add(id) { this.push(id); }"),
        ["2: the step changes `ids`, a variable from outside its closure"]
    );
    assert_eq!(book("fn add(id) { this.len() + id }"), [""; 0]);
}

#[test]
fn two_changes_are_two_problems_in_the_order_of_their_places() {
    let said = said("run::parallel(#{a: || { n += 1;\nids.push(n); }, b: || 1});");
    assert_eq!(
        said,
        [
            "3: the branch changes `n`, a variable from outside its closure",
            "4: the branch changes `ids`, a variable from outside its closure"
        ]
    );
}

/// Rhai refuses on a constant what would change it.
#[test]
fn the_methods_are_those_that_rhai_does_not_call_on_a_constant() {
    let mut engine = Engine::new_raw();
    StandardPackage::new().register_into_engine(&mut engine);
    let changes = |name: &str, subject: &str, arguments: &str| {
        let script = format!("const X = {subject}; X.{name}({arguments})");
        let error = engine.run(&script).err().map(|error| *error);
        matches!(
            error,
            Some(EvalAltResult::ErrorNonPureMethodCallOnConstant(..))
        )
    };
    let subjects = ["[1, 2, 3]", "#{a: 1}", "blob(3, 1)", "\"abc\"", "'a'", "1"];
    let arguments = [
        "",
        "1",
        "\"a\"",
        "'a'",
        "[1]",
        "#{}",
        "|x| true",
        "|x, y| 0",
        "0..1",
        "0..=1",
        "blob(1)",
        "0, 1",
        "0, \"a\"",
        "\"a\", 1",
        "5, 'a'",
        "0..1, [1]",
        "0..1, 1",
        "0..1, \"a\"",
        "0, true",
        "0..1, true",
        "0, 1, 1",
        "0, 1, \"a\"",
        "0, 1, [1]",
        "\"a\", \"b\"",
    ];
    let signatures = engine.gen_fn_signatures(true);
    let names: BTreeSet<&str> = signatures
        .iter()
        .filter(|it| it.contains("&mut"))
        .filter_map(|it| it.split('(').next())
        .collect();
    let is_word = |name: &&&str| {
        name.chars()
            .all(|letter| letter.is_alphanumeric() || letter == '_')
    };
    let changing: Vec<&str> = names
        .iter()
        .filter(is_word)
        .filter(|name| {
            subjects
                .iter()
                .any(|it| arguments.iter().any(|given| changes(name, it, given)))
        })
        .copied()
        .collect();
    let known: Vec<&str> = CHANGING.iter().chain(&READING).copied().collect();
    let unknown: Vec<&&str> = changing
        .iter()
        .filter(|name| !known.contains(name))
        .collect();
    let gone: Vec<&&str> = CHANGING
        .iter()
        .filter(|name| !changing.contains(name))
        .collect();
    assert!(
        unknown.is_empty() && gone.is_empty(),
        "{unknown:?} {gone:?}"
    );
}

/// Rhai does not call them on a constant either, and they change nothing; `split` cuts a list, and only reads a text.
const READING: [&str; 9] = [
    "extract",
    "filter",
    "for_each",
    "get",
    "map",
    "order",
    "order_by",
    "order_desc",
    "split",
];
