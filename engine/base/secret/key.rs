//! The key of the digests: without it nobody can try a list of passwords on a journal.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::error::SecretError;
use crate::error::plain;
use crate::shell;

type Bytes = [u8; 32];

/// Whether a key may be made where there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Keep {
    Make,
    /// What only looks leaves nothing behind: a key for this process alone does.
    Look,
}

enum Source {
    File(PathBuf, Keep),
    Read(Bytes),
}

static KEY: Mutex<Option<Source>> = Mutex::new(None);

/// Names the file that has the key, before the first secret is read.
pub fn use_key(file: PathBuf, keep: Keep) {
    *KEY.lock().unwrap_or_else(PoisonError::into_inner) = Some(Source::File(file, keep));
}

/// Returns the digest of a secret: enough of it to tell two apart.
pub(super) fn digest(plaintext: &str) -> Result<String, SecretError> {
    let key = key().map_err(SecretError::Key)?;
    Ok(keyed(&key, plaintext.as_bytes())[..16].to_owned())
}

fn keyed(key: &[u8], bytes: &[u8]) -> String {
    // HMAC takes keys of any length.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
        return String::new();
    };
    mac.update(bytes);
    crate::digest::hex(&mac.finalize().into_bytes())
}

fn key() -> Result<Bytes, String> {
    let mut source = KEY.lock().unwrap_or_else(PoisonError::into_inner);
    let bytes = match &*source {
        Some(Source::Read(bytes)) => return Ok(*bytes),
        Some(Source::File(file, keep)) => of_file(file, *keep).map_err(|problem| {
            format!(
                "the key of the secrets' digests, `{}`, cannot be used: {problem}",
                file.display()
            )
        })?,
        None => random().map_err(|error| plain(&error.to_string()))?,
    };
    *source = Some(Source::Read(bytes));
    Ok(bytes)
}

fn of_file(file: &Path, keep: Keep) -> Result<Bytes, String> {
    let failed = |error: io::Error| plain(&error.to_string());
    match read(file) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(failed(error)),
        Err(_) if keep == Keep::Look => random().map_err(failed),
        Err(_) => {
            make(file).map_err(failed)?;
            read(file).map_err(failed)?
        }
    }
}

fn read(file: &Path) -> io::Result<Result<Bytes, String>> {
    let mut opened = File::open(file)?;
    let mode = opened.metadata()?.mode();
    if mode & 0o077 != 0 {
        return Ok(Err(format!(
            "others can read it (mode {:04o}); type: chmod 600 {}",
            mode & 0o7777,
            shell::path(file)
        )));
    }
    let mut bytes = Vec::new();
    opened.read_to_end(&mut bytes)?;
    Ok(bytes
        .try_into()
        .map_err(|_| "it does not have 32 bytes".to_owned()))
}

/// Of several processes that make it at once, one does; it appears whole.
fn make(file: &Path) -> io::Result<()> {
    let draft = file.with_extension(format!("new-{}", std::process::id()));
    let made = write(&draft).and_then(|()| match fs::hard_link(&draft, file) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    });
    fs::remove_file(&draft).ok();
    made?;
    match file.parent() {
        Some(directory) => File::open(directory)?.sync_all(),
        None => Ok(()),
    }
}

fn write(draft: &Path) -> io::Result<()> {
    let mut opened = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(draft)?;
    opened.write_all(&random()?)?;
    opened.sync_all()
}

fn random() -> io::Result<Bytes> {
    let mut bytes = Bytes::default();
    File::open("/dev/urandom")?.read_exact(&mut bytes)?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::{Keep, keyed, of_file};

    #[test]
    fn it_is_the_known_digest() {
        // RFC 4231, test case 2.
        assert_eq!(
            keyed(b"Jefe", b"what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        );
    }

    #[test]
    fn a_key_is_made_once_and_is_for_its_owner_only() {
        use std::os::unix::fs::{MetadataExt, PermissionsExt};
        let folder = std::env::temp_dir().join(format!("runbook-key-{}", std::process::id()));
        std::fs::create_dir(&folder).unwrap();
        let file = folder.join("secret.key");
        assert!(of_file(&file, Keep::Look).is_ok() && !file.exists());
        let key = of_file(&file, Keep::Make).unwrap();
        assert_eq!(of_file(&file, Keep::Make).unwrap(), key);
        assert_eq!(std::fs::metadata(&file).unwrap().mode() & 0o7777, 0o600);
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 1);
        std::fs::set_permissions(&file, PermissionsExt::from_mode(0o640)).unwrap();
        assert!(
            of_file(&file, Keep::Make)
                .unwrap_err()
                .contains("chmod 600")
        );
        std::fs::remove_dir_all(&folder).unwrap();
    }
}
