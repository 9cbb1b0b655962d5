use std::{
    fs,
    path::{Path, PathBuf},
};

/// One page about a mechanism.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) name: String,
    pub(crate) text: String,
}

/// A command of a page, and the lines that the page shows below it.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) command: String,
    pub(crate) shown: Vec<String>,
}

/// The folder of the repository.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

impl Page {
    pub(crate) fn open(name: &str) -> Self {
        let path = root().join("docs/mechanisms").join(name);
        Self {
            name: name.to_owned(),
            text: fs::read_to_string(path).expect("a page"),
        }
    }

    /// All but the list of them.
    pub(crate) fn all() -> Vec<Self> {
        let folder = fs::read_dir(root().join("docs/mechanisms")).expect("a folder");
        let names = folder.map(|entry| entry.expect("an entry").file_name());
        let mut names: Vec<_> = names
            .map(|name| name.into_string().expect("UTF-8"))
            .filter(|name| name != "README.md")
            .collect();
        names.sort();
        names.iter().map(|name| Self::open(name)).collect()
    }

    /// What stands between backticks in the lines that begin with these words.
    pub(crate) fn quoted(&self, begin: &str) -> Vec<&str> {
        let lines = self.text.lines().filter(|line| line.starts_with(begin));
        lines
            .flat_map(|line| line.split('`').skip(1).step_by(2))
            .collect()
    }

    /// The commands of each block of a console.
    pub(crate) fn blocks(&self) -> Vec<Vec<Step>> {
        let mut blocks = Vec::new();
        let mut inside = false;
        for line in self.text.lines() {
            if line.starts_with("```") {
                inside = line == "```console";
                if inside {
                    blocks.push(Vec::<Step>::new());
                }
            } else if let Some(block) = blocks.last_mut().filter(|_| inside) {
                if let Some(command) = line.strip_prefix("$ ") {
                    block.push(Step {
                        command: command.to_owned(),
                        shown: Vec::new(),
                    });
                } else if let Some(step) = block.last_mut() {
                    step.shown.push(line.trim().to_owned());
                }
            }
        }
        blocks
    }
}
