/** Colours of runs: safe for the colour-blind (Okabe and Ito, tuned for each ground), dashes when they run out. */

const LIGHT = ["#0072b2", "#d55e00", "#008a63", "#a8497f", "#7a5cd0", "#8a6d00", "#2b8fc4", "#5f6b76"] as const;
const DARK = ["#56b4e9", "#f0883e", "#35c79a", "#e08fbf", "#b5a0ff", "#e0c341", "#8fd3ff", "#a9b4bf"] as const;
const DASHES = [[], [8, 4], [2, 3], [10, 3, 2, 3]] as const;

export interface LineStyle {
  color: string;
  dash: number[];
}

/** The style of the n-th line of a chart. */
export function lineStyle(index: number, isDark: boolean): LineStyle {
  const colors = isDark ? DARK : LIGHT;
  return { color: colors[index % colors.length] ?? LIGHT[0], dash: [...(DASHES[Math.floor(index / colors.length) % DASHES.length] ?? [])] };
}
