//! A memory that the first version wrote is carried over.
//!
//! `tests/journals/version-1-memory` is what four ticks had put: `ticks`, and a list `news`. It is never changed.

use std::fs;
use std::path::Path;

use crate::harness::Test;

const ADDING: &str = r#"
const TICK = true;

fn main(params) {
    let tick = state::get("ticks", 0) + 1;
    state::put("ticks", tick);
    state::put("news", state::get("news", []) + [#{tick: tick, text: "näht", ratio: 0.1}]);
    state::get("news")
}
"#;

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in from.read_dir().unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

#[test]
fn a_memory_of_the_first_version_goes_on_where_it_was() {
    let test = Test::new().file("adding.rhai", ADDING);
    test.runbook(&["run", "adding.rhai"]).code(0);
    let memory = test.memory();
    fs::remove_file(memory.join("memory")).unwrap();
    let earlier = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/journals/version-1-memory");
    copy(&earlier, &memory);
    for tick in [5, 6] {
        let ended = test.runbook(&["run", "adding.rhai"]).code(0);
        assert_eq!(ended.stderr, "");
        let news =
            (1..=tick).map(|tick| serde_json::json!({"tick": tick, "text": "näht", "ratio": 0.1}));
        assert_eq!(ended.json(), news.collect::<serde_json::Value>());
    }
    assert!(!memory.join("db-1").exists());
}
