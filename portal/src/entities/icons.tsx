/** Line icons on a grid of 24, drawn with the text's colour. */

const PATHS = {
  home: "M4 11.5 12 4l8 7.5M6 10v9.5h12V10M10 19.5v-5h4v5",
  project: "M3.5 7.5v10.2A1.8 1.8 0 0 0 5.3 19.5h13.4a1.8 1.8 0 0 0 1.8-1.8V9.3a1.8 1.8 0 0 0-1.8-1.8H12L9.8 4.5H5.3A1.8 1.8 0 0 0 3.5 6.3z",
  data: "M5 6.5c0-1.7 3.1-3 7-3s7 1.3 7 3-3.1 3-7 3-7-1.3-7-3zM5 6.5v5.5c0 1.7 3.1 3 7 3s7-1.3 7-3V6.5M5 12v5.5c0 1.7 3.1 3 7 3s7-1.3 7-3V12",
  feature: "M4 4.5h6v6H4zM14 4.5h6v6h-6zM4 14.5h6v6H4zM17 14.5v6M14 17.5h6",
  run: "M7 4.8v14.4a.6.6 0 0 0 .9.5l11.6-7.2a.6.6 0 0 0 0-1L7.9 4.3a.6.6 0 0 0-.9.5z",
  workflow: "M4 4h6v5H4zM14 15h6v5h-6zM7 9v5.5a3 3 0 0 0 3 3h4",
  schedule: "M12 3.5a8.5 8.5 0 1 1 0 17 8.5 8.5 0 0 1 0-17zM12 7.5V12l3 2",
  model: "M12 3.2 20 7.7v8.6l-8 4.5-8-4.5V7.7zM12 12l8-4.3M12 12v8.8M12 12 4 7.7",
  evaluation: "M4 20.5h16M6.5 17v-4.5M12 17V5.5M17.5 17V9",
  deployment: "M4 4.5h16v6H4zM4 13.5h16v6H4zM7.5 7.5h.01M7.5 16.5h.01M11 7.5h6M11 16.5h6",
  experiment: "M12 20.5V12M12 12 6 5.5M12 12l6-6.5M6 9.5v-4h4M18 9.5v-4h-4",
  cluster: "M12 3.5v5M12 15.5v5M3.5 12h5M15.5 12h5M8.5 8.5h7v7h-7z",
  workspace: "M3.5 5h17v11h-17zM8.5 20h7M12 16v4",
  namespace: "M8.5 11a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM2.5 20c0-3.6 2.7-6 6-6s6 2.4 6 6M16 4.5a3.3 3.3 0 0 1 0 6.2M17.5 14.3c2.4.6 4 2.8 4 5.7",
  search: "M10.5 4a6.5 6.5 0 1 1 0 13 6.5 6.5 0 0 1 0-13zM15.3 15.3 20 20",
  copy: "M9 8.5h10.5v12H9zM5.5 15.5h-1v-12H15v1",
  check: "M5 12.5 9.5 17 19 7",
  close: "M6 6l12 12M18 6 6 18",
  sun: "M12 8a4 4 0 1 1 0 8 4 4 0 0 1 0-8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4",
  moon: "M19.5 14.2A8 8 0 0 1 9.8 4.5a8 8 0 1 0 9.7 9.7z",
  computer: "M3.5 5h17v11h-17zM8.5 20h7M12 16v4",
  columns: "M4 4.5h16v15H4zM9.3 4.5v15M14.7 4.5v15",
  table: "M4 4.5h16v15H4zM4 9.5h16M4 14.5h16M10 9.5v10",
  download: "M12 4v11M7 10.5l5 5 5-5M4.5 20h15",
  open: "M13.5 4.5h6v6M19.5 4.5l-9 9M17 13.5v6H4.5V7H10.5",
  chevron: "M9 5.5 15.5 12 9 18.5",
  down: "M5.5 9 12 15.5 18.5 9",
  up: "M5.5 15 12 8.5 18.5 15",
  key: "M3.5 6.5h17v11h-17zM7 10h.01M10.5 10h.01M14 10h.01M17.5 10h.01M8 14h8",
  lineage: "M3.5 9.5h5v5h-5zM15.5 4h5v5h-5zM15.5 15h5v5h-5zM8.5 12h3.5M12 6.5v11M12 6.5h3.5M12 17.5h3.5",
  grow: "M12 5v14M5 12h14",
  compare: "M8 4.5v15M16 4.5v15M4 9l4-4.5L12 9M12 15l4 4.5 4-4.5",
} as const;

export type IconName = keyof typeof PATHS;

export function Icon({ name, size = 16, label }: { name: IconName; size?: number; label?: string }) {
  return (
    <svg
      width={size}
      height={size}
      viewBox="0 0 24 24"
      fill="none"
      stroke="currentColor"
      strokeWidth={1.7}
      strokeLinecap="round"
      strokeLinejoin="round"
      role={label ? "img" : undefined}
      aria-label={label}
      aria-hidden={label ? undefined : true}
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}
