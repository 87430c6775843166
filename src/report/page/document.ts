/** The frame that reports and explorations share. */
import { escapeText } from "../figures/svg.ts";
import { CLIENT_SCRIPT, CLIENT_SHA256 } from "./client-script.ts";
import { embeddedJson } from "./markup.ts";
import { STYLE } from "./style.ts";

export interface PageContent {
  readonly title: string;
  readonly lead: string;
  /** What is said under the title. */
  readonly meta: string;
  readonly sections: readonly string[];
  /** Contents of the navigation: anchor, title. */
  readonly contents: readonly (readonly [id: string, title: string])[];
  /** What the script works on. */
  readonly data: unknown;
}

/** One file that asks for nothing: script and style are inside, and its policy forbids all else. */
export function renderDocument(page: PageContent): string {
  const policy = `default-src 'none'; style-src 'unsafe-inline'; script-src 'sha256-${CLIENT_SHA256}'; img-src data: blob:; base-uri 'none'; form-action 'none'`;
  const links = page.contents.map(
    ([id, title]) => `<li><a href="#${id}">${escapeText(title)}</a></li>`,
  );
  return [
    `<!doctype html><html lang="en"><head><meta charset="utf-8">`,
    `<meta http-equiv="Content-Security-Policy" content="${policy}">`,
    `<meta name="viewport" content="width=device-width,initial-scale=1"><meta name="color-scheme" content="light dark">`,
    `<title>${escapeText(page.title)}</title><style>${STYLE}</style></head><body>`,
    `<a class="skip" href="#main">Skip to the report</a>`,
    `<nav aria-label="Sections"><ul>${links.join("")}</ul></nav>`,
    `<main id="main" class="page"><h1>${escapeText(page.title)}</h1><p class="meta">${escapeText(page.meta)}</p>`,
    `<p>${escapeText(page.lead)}</p>`,
    `<div class="tools js" id="tools"></div>`,
    ...page.sections,
    `</main><div class="tip" id="tip" role="status" hidden></div>`,
    `<script type="application/json" id="data">${embeddedJson(page.data)}</script>`,
    `<script>${CLIENT_SCRIPT}</script></body></html>\n`,
  ].join("\n");
}
