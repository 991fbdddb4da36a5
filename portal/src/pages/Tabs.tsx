/** The tabs of a page; the one in view stands in the address. */

import { Tabs as MantineTabs } from "@mantine/core";
import { type ReactNode, Suspense } from "react";

import { useAddress } from "../app/navigation";
import { Boundary } from "../states/Boundary";
import { Lines } from "../states/Waiting";
import { formatCount } from "../format/numbers";
import styles from "./pages.module.css";

export interface Tab {
  id: string;
  label: string;
  count?: number;
  /** The tab takes the whole width, without the rail of provenance. */
  isWide?: boolean;
  /** The tab fills the rest of the window and scrolls within. */
  fills?: boolean;
  /** Its body brings its own margins. */
  bleeds?: boolean;
  body: () => ReactNode;
}

export function useTab(tabs: readonly Tab[]): Tab | undefined {
  const [search] = useAddress();
  return tabs.find((tab) => tab.id === search.tab) ?? tabs[0];
}

export function TabBar({ tabs, current }: { tabs: readonly Tab[]; current: Tab | undefined }) {
  const [, change] = useAddress();
  return (
    <MantineTabs className={styles.tabs} value={current?.id ?? null} onChange={(value) => change({ tab: value === tabs[0]?.id ? undefined : (value ?? undefined) })}>
      <MantineTabs.List>
        {tabs.map((tab) => (
          <MantineTabs.Tab key={tab.id} value={tab.id} rightSection={tab.count ? <span className={styles.tabCount}>{formatCount(tab.count)}</span> : null}>
            {tab.label}
          </MantineTabs.Tab>
        ))}
      </MantineTabs.List>
    </MantineTabs>
  );
}

export function TabBody({ tab }: { tab: Tab }) {
  return (
    <Boundary key={tab.id}>
      <Suspense fallback={<Lines count={8} />}>{tab.body()}</Suspense>
    </Boundary>
  );
}
