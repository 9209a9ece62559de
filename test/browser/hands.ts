/** How somebody fills in a page: they find fields by their labels and buttons by their words. */
import type { Locator, Page } from 'playwright-core';

/**
 * A person at a page. Every field that is filled in or changed and every button or link that is followed counts as one interaction;
 * a date has three fields. `within` is the legend of the fieldset in which a label is looked for, when a page has it twice.
 */
export abstract class Hands {
  readonly page: Page;
  /** How many fields and buttons it took so far. */
  interactions = 0;

  constructor(page: Page) {
    this.page = page;
  }

  /** Goes to an element: afterwards it has the focus. */
  protected abstract reach(element: Locator): Promise<void>;
  /** Chooses a radio that is not chosen yet; afterwards it has the focus. */
  protected abstract pick(radio: Locator, group: Locator): Promise<void>;
  /** Changes a checkbox. */
  protected abstract toggle(box: Locator): Promise<void>;
  /** Presses a button or follows a link. */
  protected abstract activate(element: Locator): Promise<void>;

  /** Writes into a field, in place of what is there. Throws when the field does not take all of it. */
  async write(label: string, text: string, within?: string): Promise<void> {
    const field = this.#in(within).getByLabel(label, { exact: true });
    await this.reach(field);
    await this.page.keyboard.press('ControlOrMeta+A');
    await this.page.keyboard.insertText(text);
    const value = await field.inputValue();
    if (value !== text) throw new Error(`"${label}" took "${value}" of "${text}"`);
    this.interactions += 1;
  }

  /** Fills in the three fields of a date. */
  async date(question: string, date: { day: string; month: string; year: string }): Promise<void> {
    await this.write('Day', date.day, question);
    await this.write('Month', date.month, question);
    await this.write('Year', date.year, question);
  }

  /** Chooses one of the answers to a question. */
  async choose(question: string, answer: string, within?: string): Promise<void> {
    const group = this.#in(within).getByRole('group', { name: question, exact: true });
    await this.pick(group.getByRole('radio', { name: answer, exact: true }), group);
    this.interactions += 1;
  }

  /** Ticks a box. */
  async tick(label: string, within?: string): Promise<void> {
    const box = this.#in(within).getByRole('checkbox', { name: label, exact: true });
    await this.toggle(box);
    if (!(await box.isChecked())) throw new Error(`"${label}" was ticked already`);
    this.interactions += 1;
  }

  /** Presses a button and waits for the page that it leads to. */
  async press(button: string): Promise<void> {
    await this.#leave(this.page.getByRole('button', { name: button, exact: true }));
  }

  /** Follows a link and waits for the page that it leads to. */
  async follow(link: string): Promise<void> {
    await this.#leave(this.page.getByRole('link', { name: link, exact: true }));
  }

  async #leave(element: Locator): Promise<void> {
    const loaded = this.page.waitForEvent('load');
    await Promise.all([loaded, this.activate(element)]);
    this.interactions += 1;
  }

  #in(within: string | undefined): Page | Locator {
    return within === undefined ? this.page : this.page.getByRole('group', { name: within, exact: true });
  }
}

/** Somebody with a finger or a mouse. */
export class Pointer extends Hands {
  protected override async reach(element: Locator): Promise<void> {
    await element.click();
  }

  protected override async pick(radio: Locator): Promise<void> {
    await radio.check();
  }

  protected override async toggle(box: Locator): Promise<void> {
    await box.click();
  }

  protected override async activate(element: Locator): Promise<void> {
    await element.click();
  }
}
