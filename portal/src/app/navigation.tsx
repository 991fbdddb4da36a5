/** Addresses are the state of every view: the path says what is shown, the search says how. */

import type { AnchorHTMLAttributes, MouseEvent } from "react";
import { useCallback, useMemo } from "react";
import { navigate, usePathname, useSearch } from "wouter/use-browser-location";

export { navigate, usePathname };

export type Search = Partial<Record<string, string>>;
export type SetSearch = (patch: Search, how?: { replace?: boolean }) => void;

/** The search part of the address as plain text values, and a way to change some of them. */
export function useAddress(): [Search, SetSearch] {
  const text = useSearch();
  const search = useMemo<Search>(() => Object.fromEntries(new URLSearchParams(text)), [text]);
  const change = useCallback<SetSearch>((patch, how) => {
    const next = new URLSearchParams(window.location.search);
    for (const [name, value] of Object.entries(patch)) {
      if (value) next.set(name, value);
      else next.delete(name);
    }
    const changed = next.toString();
    navigate(changed ? `${window.location.pathname}?${changed}` : window.location.pathname, { replace: how?.replace ?? false });
  }, []);
  return [search, change];
}

/** Whether a click asks the browser for a new tab or window. */
export function wantsNewTab(event: { metaKey: boolean; ctrlKey: boolean; shiftKey: boolean; button: number }): boolean {
  return event.metaKey || event.ctrlKey || event.shiftKey || event.button !== 0;
}

type LinkProps = Omit<AnchorHTMLAttributes<HTMLAnchorElement>, "href"> & { to: string };

/** A link within the portal. */
export function Link({ to, onClick, ...others }: LinkProps) {
  const follow = (event: MouseEvent<HTMLAnchorElement>) => {
    onClick?.(event);
    if (event.defaultPrevented || wantsNewTab(event)) return;
    event.preventDefault();
    navigate(to);
  };
  return <a {...others} href={to} onClick={follow} />;
}
