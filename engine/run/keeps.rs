//! Secrets that only a reply has: each goes where the script says before the reply is recorded.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use serde_json::Value;

use base::error::plain;
use base::fault::Fault;
use base::secret;
use base::shell;
use knowledge::Effect;
use models::sensitive;

/// Refuses a call whose secret would be lost, or could not be put where it is to go.
pub(super) fn may_send(effect: &Effect) -> Result<(), Fault> {
    let (service, operation) = (&effect.service, &effect.operation);
    let keep = effect.keep.as_ref();
    let checked = sensitive::check_keep(service, operation, keep.is_some());
    let free = |()| keep.map_or(Ok(()), |keep| free(Path::new(&keep.name)));
    checked.and_then(free).map_err(|message| Fault {
        message,
        code: Some("InvalidInput".into()),
        service: Some(service.clone()),
        operation: Some(operation.clone()),
        ..Fault::default()
    })
}

fn free(path: &Path) -> Result<(), String> {
    let shown = path.display();
    if path.symlink_metadata().is_ok() {
        return Err(format!(
            "a secret is to go into `{shown}`, which is there already; to move it away: mv {0} {0}.old",
            shell::path(path)
        ));
    }
    let is_folder = path.parent().is_some_and(Path::is_dir);
    if is_folder {
        Ok(())
    } else {
        Err(format!(
            "a secret is to go into `{shown}`, and there is no such folder"
        ))
    }
}

/// Puts the secret of a reply where it goes, and returns the reply with that as the secret's reference.
pub(super) fn kept(effect: &Effect, mut output: Value) -> Result<Value, String> {
    let Some(keep) = &effect.keep else {
        return Ok(output);
    };
    let path = sensitive::only_in_reply(&effect.service, &effect.operation);
    let member = path.and_then(|path| sensitive::member(&mut output, path));
    let Some(Value::String(text)) = member else {
        return Err("the reply has no secret".into());
    };
    let plaintext = secret::reveal(text).map_err(|error| error.to_string())?;
    write(Path::new(&keep.name), &plaintext).map_err(|error| {
        let why = plain(&error.to_string());
        format!("`{}` cannot be written: {why}", keep.name)
    })?;
    // One newline at the end is not part of it, as it is read.
    let read = plaintext.strip_suffix('\n').unwrap_or(&plaintext);
    *text = secret::add(keep, read).map_err(|error| error.to_string())?;
    Ok(output)
}

/// Durable before the outcome is: what is recorded can be found.
fn write(path: &Path, plaintext: &str) -> io::Result<()> {
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(0o600)
        .open(path)?;
    file.write_all(plaintext.as_bytes())?;
    file.sync_all()?;
    path.parent()
        .map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}
