/** What is asked of a page from inside. These functions are sent to the browser, so they refer to nothing outside themselves. */

/** Whatever does not fit a page of this width, in CSS pixels. */
export function layoutFaults(width: number): string[] {
  const faults: string[] = [];
  const wanted = document.documentElement.scrollWidth;
  if (wanted > width) faults.push(`scrolls sideways: ${wanted} px on ${width} px`);
  const hides = (overflow: string) => overflow === 'hidden' || overflow === 'clip';
  for (const element of document.querySelectorAll('body *')) {
    // A field's text scrolls inside it; what is a pixel wide is for screen readers only.
    if (element.matches('input, select') || element.clientWidth <= 1) continue;
    const { overflowX, overflowY } = getComputedStyle(element);
    const clipped =
      (hides(overflowX) && element.scrollWidth > element.clientWidth) ||
      (hides(overflowY) && element.scrollHeight > element.clientHeight);
    if (clipped) faults.push(`clipped at ${width} px: ${element.outerHTML.slice(0, 120)}`);
  }
  return faults;
}

/** The page as it stands, with what has been entered and chosen in its markup. */
export function snapshot(): string {
  const copy = document.documentElement.cloneNode(true) as Element;
  const copies = copy.querySelectorAll('input, textarea, option');
  for (const [i, field] of document.querySelectorAll('input, textarea, option').entries()) {
    const twin = copies[i];
    if (field instanceof HTMLInputElement) {
      twin?.setAttribute('value', field.value);
      twin?.toggleAttribute('checked', field.checked);
    } else if (field instanceof HTMLTextAreaElement) {
      if (twin) twin.textContent = field.value;
    } else if (field instanceof HTMLOptionElement) twin?.toggleAttribute('selected', field.selected);
  }
  return `<!DOCTYPE html>${copy.outerHTML}`;
}

/** Where the keyboard is: the position of the focused element in the document, and what is wrong with how it shows. */
export function focus(): { position: number; faults: string[] } {
  const focused = document.activeElement;
  const position = [...document.querySelectorAll('*')].indexOf(focused ?? document.body);
  if (!(focused instanceof HTMLElement) || focused === document.body) return { position, faults: [] };
  const faults: string[] = [];
  const name = focused.outerHTML.slice(0, 120);

  const [box = new DOMRect()] = focused.getClientRects();
  const left = Math.max(box.left, 0);
  const top = Math.max(box.top, 0);
  const right = Math.min(box.right, innerWidth);
  const bottom = Math.min(box.bottom, innerHeight);
  const there = document.elementFromPoint((left + right) / 2, (top + bottom) / 2);
  if (right <= left || bottom <= top || !(focused.contains(there) || there?.contains(focused))) {
    faults.push(`has the focus and cannot be seen: ${name}`);
  }

  // The style may be that of the label (the circle of a radio is drawn by it) or of a part (the words of a summary).
  const labels = 'labels' in focused ? [...((focused as HTMLInputElement).labels ?? [])] : [];
  const look = () =>
    [focused, ...labels, ...focused.querySelectorAll('*')].flatMap((element) =>
      [undefined, '::before', '::after'].map((part) => {
        const style = getComputedStyle(element, part);
        const drawn = style.outlineStyle !== 'none' && !/, 0\)$|^transparent$/.test(style.outlineColor);
        return [
          drawn ? `${style.outlineWidth} ${style.outlineStyle} ${style.outlineColor}` : 'no outline',
          ...[style.boxShadow, style.border, style.backgroundColor, style.color, style.textDecoration],
        ].join(';');
      }),
    );
  const withFocus = look();
  focused.blur();
  const without = look();
  focused.focus({ preventScroll: true });
  if (withFocus.join() === without.join()) faults.push(`looks the same with and without the focus: ${name}`);
  return { position, faults };
}
