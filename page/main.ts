/** Starts what a page can do beyond being read. */
import type { Exploration } from "../src/model/exploration.ts";
import type { Report } from "../src/model/report.ts";
import { addExperts } from "./experts.ts";
import { addExploration } from "./exploration.ts";
import { addFloorplan } from "./floorplan.ts";
import { addScatter } from "./scatter.ts";
import { addTools } from "./theme.ts";

const data = JSON.parse(document.getElementById("data")!.textContent!) as Report | Exploration;
document.documentElement.classList.add("has-js");
const redraw: (() => void)[] = [];
addTools(document.getElementById("tools")!, data, () => {
  for (const draw of redraw) draw();
});
const at = (id: string, add: (place: HTMLElement) => void): void => {
  const place = document.getElementById(id);
  if (place !== null) add(place);
};
if (data.schema === "report/1") {
  at("scatter", (place) => addScatter(place, data));
  at("floorplan-live", (place) => addFloorplan(place, data));
  at("experts-live", (place) => addExperts(place, data));
} else at("exploration-live", (place) => redraw.push(addExploration(place, data)));
document.documentElement.dataset["ready"] = "yes";
