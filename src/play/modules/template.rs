//! `template`: puts a rendered template in a place.

use super::{
    Arg, ArgKind, Call, Module, ModuleError, TemplateOptions, Work, attributes,
    copy::{self, Source},
};

/// The module.
pub static MODULE: Module = Module {
    name: "template",
    fqcn: &["ansible.builtin.template"],
    doc: "Renders a template of the play or the role and puts it in a place.",
    args: &[
        &[
            Arg::path("src", "The template.").required(),
            Arg::path("dest", "Where to. With a slash at the end: a directory.").required(),
            Arg::new("force", ArgKind::Bool, "Replace a file that is there.").default("true"),
            Arg::flag("follow", "Write to what a link points to."),
            Arg::str("newline_sequence", "What ends a line.").default("\n"),
            Arg::str("block_start_string", "What begins a block."),
            Arg::str("block_end_string", "What ends a block."),
            Arg::str("variable_start_string", "What begins a value."),
            Arg::str("variable_end_string", "What ends a value."),
            Arg::str("comment_start_string", "What begins a comment."),
            Arg::str("comment_end_string", "What ends a comment."),
            Arg::new(
                "trim_blocks",
                ArgKind::Bool,
                "Drop the newline after a block.",
            )
            .default("true"),
            Arg::flag("lstrip_blocks", "Drop blanks before a block."),
            Arg::choice(
                "output_encoding",
                &["utf-8", "UTF-8", "utf8"],
                "The encoding.",
            )
            .default("utf-8"),
        ],
        attributes::OWN,
        attributes::WRITE,
    ],
    free_form: false,
    compile,
};

fn compile(call: &Call<'_>) -> Result<Work, ModuleError> {
    let args = call.args;
    let newline_sequence = match args.text("newline_sequence") {
        "\n" | "\\n" => "\n",
        "\r" | "\\r" => "\r",
        "\r\n" | "\\r\\n" => "\r\n",
        _ => {
            return Err(ModuleError::arg(
                "newline_sequence",
                "`newline_sequence` must be \\n, \\r or \\r\\n",
            ));
        }
    };
    let given = |name: &str| args.str(name).map(str::to_owned);
    let options = TemplateOptions {
        newline_sequence: newline_sequence.to_owned(),
        delimiters: [
            given("block_start_string"),
            given("block_end_string"),
            given("variable_start_string"),
            given("variable_end_string"),
            given("comment_start_string"),
            given("comment_end_string"),
        ],
        trim_blocks: args.bool("trim_blocks") != Some(false),
        lstrip_blocks: args.flag("lstrip_blocks"),
    };
    let src = args.text("src");
    let file = call
        .files
        .template(src, &options)
        .map_err(ModuleError::File)?;
    let source = Source {
        name: Some(src.rsplit('/').next().unwrap_or(src)),
        bytes: file.bytes,
        mode: file.mode,
        src: Some(file.path.to_string_lossy().into_owned()),
    };
    Ok(copy::remote(call, source)?.work())
}
