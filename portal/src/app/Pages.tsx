/** Which page an address shows. Each page is a chunk of its own. */

import { Suspense, lazy, useEffect } from "react";

import type { Kind } from "../api/types";
import { parseRef, refOf } from "../entities/address";
import { kindInfo } from "../entities/kinds";
import { Empty } from "../states/Empty";
import { PageSkeleton } from "../states/Waiting";
import { Link, usePathname } from "./navigation";
import { roomOfPath } from "./rooms";

/** The pages that most ways lead to are fetched when the first one stands. */
const PREFETCH_MS = 1200;

function prefetch(): void {
  void import("../pages/ListPage");
  void import("../pages/EntityPage");
}

const Home = lazy(() => import("../pages/Home").then((module) => ({ default: module.Home })));
const ListPage = lazy(() => import("../pages/ListPage").then((module) => ({ default: module.ListPage })));
const EntityPage = lazy(() => import("../pages/EntityPage").then((module) => ({ default: module.EntityPage })));
const ComparePage = lazy(() => import("../pages/ComparePage").then((module) => ({ default: module.ComparePage })));

function Page({ path }: { path: string }) {
  const ref = refOf(path);
  if (ref) return <EntityPage key={ref} reference={ref} kind={parseRef(ref)?.kind ?? "project"} />;
  if (path === "/") return <Home />;
  if (path === "/compare") return <ComparePage />;
  const kind = roomOfPath(path)?.kind ?? (path.startsWith("/list/") ? (path.slice("/list/".length) as Kind) : undefined);
  if (kind && kindInfo(kind).one !== "Entity") return <ListPage key={kind} kind={kind} />;
  return (
    <Empty title="There is no such page" sentence={`Nothing is shown at ${path}.`}>
      <Link to="/" className="link">
        Go home
      </Link>
    </Empty>
  );
}

export function Pages() {
  const path = usePathname();
  useEffect(() => {
    const timer = window.setTimeout(prefetch, PREFETCH_MS);
    return () => window.clearTimeout(timer);
  }, []);
  return (
    <Suspense fallback={<PageSkeleton />}>
      <Page path={path} />
    </Suspense>
  );
}
