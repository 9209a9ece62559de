/** Somebody with a keyboard and nothing else: a broken arm, a switch, a screen reader, a busy surgery. */
import type { Locator } from 'playwright-core';
import { Hands } from './hands.ts';
import { focus } from './in-page.ts';

/**
 * Goes through a page forwards, from field to field by Tab, and looks each time where the focus is: it must be seen, and look as nothing
 * looks that does not have it.
 */
export class Keyboard extends Hands {
  protected override async reach(element: Locator): Promise<void> {
    await this.#tabUntil(() => element.evaluate(isFocused), element);
  }

  protected override async pick(radio: Locator, group: Locator): Promise<void> {
    // Tab leads to the chosen radio of a group, or to its first; the arrows lead from one to the next and choose it.
    await this.#tabUntil(() => group.locator('input[type=radio]:focus').count().then(Boolean), group);
    const wasFirst = await radio.evaluate(isFocused);
    if (wasFirst) await this.page.keyboard.press('Space');
    for (let i = 0; !(await radio.evaluate(isFocused)); i++) {
      if (i > 20) throw new Error(`The arrow keys do not lead to ${radio}.`);
      await this.page.keyboard.press('ArrowDown');
      await this.#look();
    }
    if (!(await radio.isChecked())) throw new Error(`The keyboard does not choose ${radio}.`);
  }

  protected override async toggle(box: Locator): Promise<void> {
    await this.reach(box);
    await this.page.keyboard.press('Space');
  }

  protected override async activate(element: Locator): Promise<void> {
    await this.reach(element);
    await this.page.keyboard.press('Enter');
  }

  async #tabUntil(there: () => Promise<boolean>, what: Locator): Promise<void> {
    let position = await this.#look();
    while (!(await there())) {
      await this.page.keyboard.press('Tab');
      const next = await this.#look();
      // At its end a page begins again.
      if (next <= position) throw new Error(`Tab does not lead to ${what}.`);
      position = next;
    }
  }

  /** Where the focus is in the document. Throws when it cannot be seen there. */
  async #look(): Promise<number> {
    const { position, faults } = await this.page.evaluate(focus);
    if (faults.length > 0) throw new Error(faults.join('\n'));
    return position;
  }
}

const isFocused = (element: Element) => element === document.activeElement;
