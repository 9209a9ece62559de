/** Runs test files in an order of our own: what takes long is begun early, so that no worker waits at the end for another's last file. */
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** A sequencer: files of these names (`NAME.test.ts`) come first, in this order, the others after them by path. */
export function first(names: readonly string[]): typeof BaseSequencer {
  return class extends BaseSequencer {
    override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
      const place = ({ moduleId }: TestSpecification) => {
        const index = names.findIndex((name) => moduleId.endsWith(`/${name}.test.ts`));
        return index === -1 ? names.length : index;
      };
      return [...files].sort((a, b) => place(a) - place(b) || a.moduleId.localeCompare(b.moduleId));
    }
  };
}
