//! Settles a run's parameters: presets, then site files in order, then `--set`; every problem in one go.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value};

use super::text;
use crate::declaration::{Kind, Specs};
use crate::fits::table;
use base::exit::Exit;
use base::report::Report;

/// What was given, before it is checked.
#[derive(Clone, Debug, Default)]
pub struct Given {
    values: Map<String, Value>,
    problems: Vec<String>,
}

impl Given {
    /// Reads the site files, then the `key=value` pairs; the later wins.
    pub fn read(sites: &[PathBuf], pairs: &[String], specs: &Specs) -> Result<Self, Report> {
        let mut given = Self::default();
        for site in sites {
            given.values.append(&mut site_file(site, specs)?);
        }
        for pair in pairs {
            given.set(pair, specs);
        }
        Ok(given)
    }

    /// Takes what a run pinned, as far as it is still declared; what was absent may have become required.
    #[must_use]
    pub fn pinned(params: &Value, specs: &Specs) -> Self {
        let values = params.as_object().cloned().unwrap_or_default();
        Self {
            values: kept(values, specs),
            problems: Vec::new(),
        }
    }

    /// Takes what another runbook gives; what is `()` is not given.
    #[must_use]
    pub fn passed(params: &Value, specs: &Specs) -> Self {
        let mut values = params.as_object().cloned().unwrap_or_default();
        values.retain(|name, value| !value.is_null() || !specs.contains_key(name));
        Self {
            values,
            problems: Vec::new(),
        }
    }

    /// Leaves out what is not declared.
    #[must_use]
    pub fn known(mut self, specs: &Specs) -> Self {
        self.values.retain(|name, _| specs.contains_key(name));
        self
    }

    fn set(&mut self, pair: &str, specs: &Specs) {
        let Some((name, text)) = pair.split_once('=') else {
            let is_name = |c: &char| c.is_alphanumeric() || "_-. ".contains(*c);
            let name: String = pair.chars().take_while(is_name).collect();
            let problem = format!("`--set {name}`: write `--set name=value`");
            return self.problems.push(problem);
        };
        let value = match specs.get(name) {
            Some(spec) => typed(&spec.kind, text),
            None => Ok(Value::String(text.into())),
        };
        match value {
            Ok(value) => drop(self.values.insert(name.into(), value)),
            Err(problem) => self.problems.push(format!("`--set {name}`: {problem}")),
        }
    }

    /// Returns the parameters as `main` gets them, or all problems.
    pub fn settle(mut self, specs: &Specs) -> Result<Value, Vec<String>> {
        let values = std::mem::take(&mut self.values);
        let settled = table(specs, &values, "", &mut self.problems);
        if self.problems.is_empty() {
            Ok(settled)
        } else {
            Err(self.problems)
        }
    }
}

/// Returns the values that are declared, down to the fields of maps.
fn kept(values: Map<String, Value>, specs: &Specs) -> Map<String, Value> {
    values
        .into_iter()
        .filter(|(_, value)| !value.is_null())
        .filter_map(|(name, value)| {
            let kind = &specs.get(&name)?.kind;
            Some((name, kept_in(kind, value)))
        })
        .collect()
}

fn kept_in(kind: &Kind, value: Value) -> Value {
    match (kind, value) {
        (Kind::Map(specs), Value::Object(fields)) if !specs.is_empty() => {
            Value::Object(kept(fields, specs))
        }
        (Kind::List(items), Value::Array(values)) => values
            .into_iter()
            .map(|value| kept_in(&items.kind, value))
            .collect(),
        (_, value) => value,
    }
}

fn site_file(path: &Path, specs: &Specs) -> Result<Map<String, Value>, Report> {
    let text = text::read(path)?;
    let table: toml::Table = text
        .parse()
        .map_err(|error: toml::de::Error| syntax(path, &text, &error, specs))?;
    Ok(table
        .into_iter()
        .map(|(name, value)| (name, json(value)))
        .collect())
}

/// What JSON has no form for (dates, infinite numbers) stays text.
fn json(value: toml::Value) -> Value {
    match value {
        toml::Value::String(text) => text.into(),
        toml::Value::Integer(number) => number.into(),
        toml::Value::Float(number) => serde_json::Number::from_f64(number)
            .map_or_else(|| number.to_string().into(), Value::Number),
        toml::Value::Boolean(truth) => truth.into(),
        toml::Value::Datetime(time) => time.to_string().into(),
        toml::Value::Array(items) => items.into_iter().map(json).collect(),
        toml::Value::Table(table) => table
            .into_iter()
            .map(|(name, value)| (name, json(value)))
            .collect(),
    }
}

fn syntax(path: &Path, text: &str, error: &toml::de::Error, specs: &Specs) -> Report {
    let mut report = Report::new(
        Exit::Usage,
        format!(
            "the site file `{}` is not valid TOML: {}",
            path.display(),
            error.message()
        ),
    );
    if let Some(span) = error.span() {
        let before = &text[..span.start.min(text.len())];
        let line = before.matches('\n').count() + 1;
        let column = before
            .rsplit('\n')
            .next()
            .unwrap_or_default()
            .chars()
            .count()
            + 1;
        let mut source = text.lines().nth(line - 1).unwrap_or_default().to_owned();
        if let Some((name, _)) = source.split_once('=').filter(|_| takes_secrets(specs)) {
            source = format!("{name}= …");
        }
        report.excerpt = Some(base::report::Excerpt {
            file: path.display().to_string(),
            line,
            column,
            text: source,
            stack: Vec::new(),
        });
    }
    report
}

/// Whether a value in a site file may be a secret that should not be there.
fn takes_secrets(specs: &Specs) -> bool {
    specs.values().any(|spec| match &spec.kind {
        Kind::Secret => true,
        Kind::Map(fields) => takes_secrets(fields),
        Kind::List(items) => match &items.kind {
            Kind::Map(fields) => takes_secrets(fields),
            kind => *kind == Kind::Secret,
        },
        _ => false,
    })
}

/// Text from the command line, as the declared type wants it; lists and tables are written as in TOML.
fn typed(kind: &Kind, text: &str) -> Result<Value, String> {
    match kind {
        Kind::Integer => text
            .parse::<i64>()
            .map(Value::from)
            .map_err(|_| format!("expected {kind}, found `{text}`")),
        Kind::Boolean => text
            .parse::<bool>()
            .map(Value::from)
            .map_err(|_| format!("expected {kind}, found `{text}`")),
        Kind::List(_) | Kind::Map(_) => {
            let table: toml::Table = format!("value = {text}").parse().map_err(|_| {
                format!("expected {kind} in TOML, such as `[\"a\", \"b\"]`, found `{text}`")
            })?;
            table
                .into_iter()
                .next()
                .map(|(_, value)| json(value))
                .ok_or_else(|| format!("expected {kind}"))
        }
        _ => Ok(Value::String(text.into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::spec;
    use serde_json::json;

    fn settle(specs: &Value, values: &Value, pairs: &[&str]) -> Result<Value, Vec<String>> {
        let specs = spec::read(specs).unwrap();
        let mut given = Given {
            values: values.as_object().unwrap().clone(),
            problems: Vec::new(),
        };
        for pair in pairs {
            given.set(pair, &specs);
        }
        given.settle(&specs)
    }

    #[test]
    fn the_later_wins_and_absent_ones_are_null() {
        let specs = json!({"a": {"type": "integer", "value": 1}, "b": {"type": "string"}, "c": {"type": "list"}});
        assert_eq!(
            settle(&specs, &json!({}), &[]),
            Ok(json!({"a": 1, "b": null, "c": null}))
        );
        let settled = settle(&specs, &json!({"a": 2, "b": "x"}), &["a=3", "c=[\"y\"]"]);
        assert_eq!(settled, Ok(json!({"a": 3, "b": "x", "c": ["y"]})));
    }

    #[test]
    fn all_problems_come_at_once_with_the_nearest_name() {
        let specs = json!({"vpc_cidr": {"type": "cidr", "required": true}, "zones": {"type": "list", "items":
            {"type": "map", "fields": {"name": {"type": "availability_zone", "required": true}}}}});
        let problems = settle(
            &specs,
            &json!({"vpc_cdir": "x", "zones": [{"nmae": "eu-west-1a"}, 3]}),
            &["what"],
        )
        .unwrap_err();
        assert_eq!(
            problems,
            [
                "`--set what`: write `--set name=value`",
                "unknown setting `vpc_cdir`; did you mean `vpc_cidr`?",
                "missing setting `vpc_cidr` (a CIDR block such as `10.0.0.0/16`)",
                "unknown setting `zones[0].nmae`; did you mean `zones[0].name`?",
                "missing setting `zones[0].name` (an availability zone such as `eu-west-1a`)",
                "`zones[1]`: expected a table, found the number `3`",
            ]
        );
    }

    #[test]
    fn each_type_takes_its_own_and_refuses_others() {
        for (kind, good, bad) in [
            ("duration", "30s", "soon"),
            ("cidr", "10.0.0.0/16", "10.0.0.1/16"),
            ("ip", "8.8.4.4", "8.8.4.400"),
            (
                "arn",
                "arn:aws:iam::123456789012:role/x",
                "arn:aws:iam::12:role/x",
            ),
            ("region", "us-gov-east-1", "eu-west"),
            ("availability_zone", "eu-west-1a", "eu-west-1"),
            ("instance_type", "t4g.nano", "t4g"),
        ] {
            let specs = json!({"p": {"type": kind}});
            assert!(
                settle(&specs, &json!({"p": good}), &[]).is_ok(),
                "{kind} {good}"
            );
            assert!(
                settle(&specs, &json!({"p": bad}), &[]).is_err(),
                "{kind} {bad}"
            );
            assert!(
                settle(&specs, &json!({"p": [good]}), &[]).is_err(),
                "{kind} in a list"
            );
        }
        let specs =
            json!({"p": {"type": "choice", "choices": ["a", "b"]}, "n": {"type": "integer"}});
        assert!(settle(&specs, &json!({"p": "b", "n": 3}), &[]).is_ok());
        assert!(settle(&specs, &json!({"p": "c"}), &[]).is_err());
        assert!(settle(&specs, &json!({"n": 3.5}), &[]).is_err());
    }
}
