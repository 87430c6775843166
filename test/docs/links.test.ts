import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { ROOT } from "../cli/ohmoe.ts";
import { PAGES, textOf } from "./pages.ts";

/** Text without fenced blocks. */
const prose = (page: string): string => textOf(page).replaceAll(/^```[\s\S]*?^```/gm, "");

/** Anchor of a heading, as GitHub makes it. */
const anchorOf = (heading: string): string =>
  heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, "")
    .trim()
    .replaceAll(/\s/g, "-");

const anchorsOf = (page: string): readonly string[] =>
  [...prose(page).matchAll(/^#+ (.*)$/gm)].map(([, heading]) => anchorOf(heading!));

/** Does a link of a page lead somewhere? */
function leadsNowhere(page: string, link: string): boolean {
  const [path, anchor] = link.split("#");
  const target = path === "" ? page : join(dirname(page), path!);
  if (!existsSync(join(ROOT, target))) return true;
  return anchor !== undefined && target.endsWith(".md") && !anchorsOf(target).includes(anchor);
}

describe.each(PAGES)("%s", (page) => {
  test("relative links lead to files and headings that exist", () => {
    const links = [...prose(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link]) => link!);
    const local = links.filter((link) => !/^[a-z]+:/.test(link));
    expect(local.filter((link) => leadsNowhere(page, link))).toEqual([]);
  });

  test("files of the project that are named exist", () => {
    const named = [
      ...prose(page).matchAll(/`((?:src|test|docs|arch|schema|bench|scripts)\/[a-z][\w./-]*)`/g),
    ].map(([, path]) => path!);
    expect(named.filter((path) => !existsSync(join(ROOT, path)))).toEqual([]);
  });
});
