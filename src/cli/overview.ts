/**
 * The text of `ohmoe --help`, laid out as yargs does it: loading that library takes longer than all
 * else that `--help` needs. A test compares the two.
 */
export function overview(
  parts: {
    readonly intro: string;
    readonly epilogue: string;
    /** false: not for people. */
    readonly commands: readonly { readonly usage: string; readonly summary: string | false }[];
  },
  width: number,
): string {
  const rows = parts.commands.flatMap(({ usage, summary }) =>
    summary === false ? [] : [[`  ohmoe ${usage}  `, summary] as const],
  );
  const indent = rows.reduce((most, [usage]) => Math.max(most, usage.length), 0);
  const commands = rows.map(([usage, summary]) => {
    const lines = wrapped(summary, width - indent);
    return usage.padEnd(indent) + lines.join(`\n${" ".repeat(indent)}`);
  });
  const options = [
    ["      --version  Show version number", "[boolean]"],
    ["  -h, --help     Show help", "[boolean]"],
  ].map(([text, type]) => text + type!.padStart(width - text!.length));
  const epilogue = parts.epilogue.split("\n").flatMap((line) => wrapped(line, width));
  return [
    ["ohmoe <command>", "", parts.intro, "", "Commands:", ...commands].join("\n"),
    ["Options:", ...options].join("\n"),
    epilogue.join("\n"),
  ].join("\n\n");
}

/** Lines of whole words. */
function wrapped(text: string, width: number): string[] {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width) {
      lines.push(line);
      line = word;
    } else line = line === "" ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
