// Keeps what is read where it is while rows come and go around it.

/** A row and its place in the window of the list. */
export interface Anchor {
  readonly key: string;
  readonly top: number;
}

/** The first row that can be seen. */
export function anchorOf(scroller: HTMLElement): Anchor | undefined {
  const window = scroller.getBoundingClientRect();
  for (const row of scroller.querySelectorAll<HTMLElement>("[data-key]")) {
    const { top, bottom } = row.getBoundingClientRect();
    if (bottom > window.top) return { key: row.dataset["key"] ?? "", top: top - window.top };
  }
  return undefined;
}

/** Puts the row back to its place. */
export function restore(scroller: HTMLElement, anchor: Anchor): void {
  const row = scroller.querySelector<HTMLElement>(`[data-key="${CSS.escape(anchor.key)}"]`);
  if (row === null) return;
  const top = row.getBoundingClientRect().top - scroller.getBoundingClientRect().top;
  if (Math.abs(top - anchor.top) >= 1) scroller.scrollTop += top - anchor.top;
}

/** Pixels from the end within which one is at the end. */
const END_PX = 24;

export function isAtEnd({ scrollHeight, scrollTop, clientHeight }: HTMLElement): boolean {
  return scrollHeight - scrollTop - clientHeight <= END_PX;
}
