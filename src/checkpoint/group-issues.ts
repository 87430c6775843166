import type { Issue } from "../model/issue.ts";

/**
 * Says once what holds for the tensors of many layers and experts.
 *
 * A wrong width is wrong in each of ten thousand tensors; the first of them is named, and how many
 * more there are. Issues differ if anything but the numbers in the tensor's name differs.
 */
export function groupIssues(issues: readonly Issue[]): readonly Issue[] {
  const unique = new Map(issues.map((issue) => [issue.pointer, issue]));
  const groups = new Map<string, Issue[]>();
  for (const issue of unique.values()) {
    const key = [issue.pointer.replaceAll(/\d+/g, "*"), issue.found, issue.allowed].join("\n");
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [issue]);
    else group.push(issue);
  }
  return [...groups.values()].map(([first, ...more]) => {
    if (more.length === 0) return first!;
    const others = `${more.length} more tensors of other layers or experts alike`;
    return { ...first!, hint: first!.hint === undefined ? others : `${first!.hint}; ${others}` };
  });
}
