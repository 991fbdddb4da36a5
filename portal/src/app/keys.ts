/** Keys: what is bound is what `?` lists. A chord is written with a space, as in `g r`. */

import { useEffect, useRef } from "react";

export interface Binding {
  keys: string;
  does: string;
  run: (event: KeyboardEvent) => void;
}

const layers: (() => readonly Binding[])[] = [];
const CHORD_MS = 900;
let prefix = "";
let prefixAt = 0;

function isTyping(target: EventTarget | null): boolean {
  return target instanceof HTMLElement && (target.isContentEditable || ["INPUT", "TEXTAREA", "SELECT"].includes(target.tagName));
}

function onKey(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.altKey) return;
  const isCommand = event.ctrlKey || event.metaKey;
  if (!isCommand && (isTyping(event.target) || document.querySelector("[role=dialog]"))) return;
  // Enter belongs to the link or the button that has the focus.
  if (event.key === "Enter" && event.target instanceof HTMLElement && event.target.closest("a, button")) return;
  const pressed = isCommand ? `mod+${event.key.toLowerCase()}` : event.key;
  const chord = performance.now() - prefixAt < CHORD_MS ? `${prefix} ${pressed}` : pressed;
  prefix = "";
  // The newest layer is the nearest: a list's keys come before the frame's.
  const bindings = layers.toReversed().flatMap((layer) => layer());
  const hit = bindings.find((binding) => binding.keys === chord) ?? bindings.find((binding) => binding.keys === pressed);
  if (hit) {
    event.preventDefault();
    hit.run(event);
  } else if (bindings.some((binding) => binding.keys.startsWith(`${pressed} `))) {
    prefix = pressed;
    prefixAt = performance.now();
  }
}

/** Bind keys while a component is shown. */
export function useKeys(bindings: readonly Binding[]): void {
  const current = useRef(bindings);
  useEffect(() => {
    current.current = bindings;
  });
  useEffect(() => {
    const layer = () => current.current;
    if (layers.length === 0) window.addEventListener("keydown", onKey);
    layers.push(layer);
    return () => {
      layers.splice(layers.indexOf(layer), 1);
      if (layers.length === 0) window.removeEventListener("keydown", onKey);
    };
  }, []);
}

/** All that is bound now, nearest first. */
export function boundKeys(): Binding[] {
  return layers.toReversed().flatMap((layer) => layer());
}
