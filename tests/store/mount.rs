//! File systems of a test's own: an image that the power can be cut of, and one that is soon full.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Command;

use tempfile::TempDir;

const IMAGE: u64 = 32 * 1024 * 1024;

/// Unmounted when it is dropped.
pub(crate) struct Mount {
    folder: TempDir,
}

impl Mount {
    /// Returns a new ext4 in a file of its own.
    pub(crate) fn image() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let image = folder.path().join("image");
        File::create(&image).unwrap().set_len(IMAGE).unwrap();
        run(Command::new("mkfs.ext4").args(["-q", "-F"]).arg(&image)).unwrap();
        Self::mount_image(folder)
    }

    /// Returns a tmpfs of so many KiB.
    pub(crate) fn memory(size: usize) -> Self {
        let mount = Self::new(tempfile::tempdir().unwrap());
        let size = format!("size={size}k,mode=0700");
        let mut command = Command::new("mount");
        command.args(["-t", "tmpfs", "-o", &size, "tmpfs"]);
        run(command.arg(mount.path())).unwrap();
        mount
    }

    /// Makes room on a tmpfs.
    pub(crate) fn grow(&self, size: usize) {
        let option = format!("remount,size={size}k");
        run(Command::new("mount").args(["-o", &option]).arg(self.path())).unwrap();
    }

    pub(crate) fn path(&self) -> PathBuf {
        self.folder.path().join("mounted")
    }

    /// Mounts what the device holds at this moment: what the file system above has not yet written to it is missing.
    pub(crate) fn after_a_power_cut(&self) -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::copy(
            self.folder.path().join("image"),
            folder.path().join("image"),
        )
        .unwrap();
        Self::mount_image(folder)
    }

    fn mount_image(folder: TempDir) -> Self {
        let image = folder.path().join("image");
        let mount = Self::new(folder);
        run(Command::new("mount")
            .args(["-o", "loop"])
            .arg(image)
            .arg(mount.path()))
        .unwrap();
        mount
    }

    fn new(folder: TempDir) -> Self {
        let mount = Self { folder };
        fs::create_dir(mount.path()).unwrap();
        mount
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // Where mounting failed there is nothing to unmount.
        let _ = Command::new("umount").arg(self.path()).output();
    }
}

fn run(command: &mut Command) -> Result<(), String> {
    let output = command.output().map_err(|error| error.to_string())?;
    if output.status.success() {
        Ok(())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).trim().to_owned())
    }
}
