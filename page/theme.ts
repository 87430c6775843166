/** Theme, printing, and the data as a file. */
import { button } from "./dom.ts";

const THEMES = ["system", "light", "dark"] as const;
type Theme = (typeof THEMES)[number];

/** @param onTheme what is drawn on canvas is drawn again */
export function addTools(place: HTMLElement, data: unknown, onTheme: () => void): void {
  let theme: Theme = "system";
  const themeButton = button("Theme: system", () => {
    theme = THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length]!;
    if (theme === "system") delete document.documentElement.dataset["theme"];
    else document.documentElement.dataset["theme"] = theme;
    themeButton.textContent = `Theme: ${theme}`;
    onTheme();
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", onTheme);
  place.append(
    themeButton,
    button("Print", () => print()),
    button("Save the data as JSON", () => save(data)),
  );
}

function save(data: unknown): void {
  const blob = new Blob([JSON.stringify(data, null, 2)], { type: "application/json" });
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = "report.json";
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 1000);
}
