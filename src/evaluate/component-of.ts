import type { Resource } from "../lowering/resources.ts";
import type { Arch } from "../model/arch.ts";

/** Name of the component, as in the list of areas, that a resource stands for. */
export function componentOf(arch: Arch, { group, kind }: Pick<Resource, "group" | "kind">): string {
  switch (group) {
    case "tile":
      return `${arch.tiles[kind]!.name} crossbar`;
    case "local-unit":
      return `${arch.tiles[kind]!.name} local unit`;
    case "core":
      return arch.cores[kind]!.name;
    case "memory":
      return arch.memories[kind]!.name;
  }
}
