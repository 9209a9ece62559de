/**
 * Nunjucks' runtime under short names. Compiled templates call it thousands of times, so the build makes them call these:
 * see infra/templates.ts. The order of the names is theirs.
 */
type Context = {
  setVariable(name: string, value: unknown): void;
  addExport(name: string, value: unknown): void;
};
type Frame = { topLevel: boolean; set(name: string, value: unknown, resolveUp?: true): void };
type Called = (this: Context, ...values: unknown[]) => unknown;
type Environment = {
  opts: { autoescape: boolean };
  getTest(name: string): Called;
  getFilter(name: string): Called;
};
type Runtime = {
  contextOrFrameLookup(context: Context, frame: Frame, name: string): unknown;
  memberLookup(object: unknown, name: unknown): unknown;
  suppressValue(value: unknown, autoescape: boolean): unknown;
  callWrap(called: unknown, name: string, context: Context, values: unknown[]): unknown;
  inOperator(value: unknown, list: unknown): boolean;
};

/** The functions for one run of a template. The frame is asked for each time, since templates open and close frames. */
export function shortNames(env: Environment, context: Context, frame: () => Frame, runtime: Runtime) {
  return [
    (name: string) => runtime.contextOrFrameLookup(context, frame(), name),
    runtime.memberLookup,
    (value: unknown, autoescape = env.opts.autoescape) => runtime.suppressValue(value, autoescape),
    runtime.callWrap,
    runtime.inOperator,
    (name: string, ...values: unknown[]) => env.getTest(name).call(context, ...values),
    (name: string, ...values: unknown[]) => env.getFilter(name).call(context, ...values),
    (name: string, value: unknown) => {
      frame().set(name, value, true);
      if (!frame().topLevel) return;
      context.setVariable(name, value);
      context.addExport(name, value);
    },
    (index: number, length: number) => {
      const loop = {
        index: index + 1,
        index0: index,
        revindex: length - index,
        revindex0: length - index - 1,
        first: index === 0,
        last: index === length - 1,
        length,
      };
      // Nunjucks sets each by a name of its own (`loop.index`), which comes to the same object and takes seven times as long.
      frame().set('loop', loop);
    },
    Object.hasOwn,
    (module: object, name: string, cb: (error: Error) => void) => {
      const isMissing = !Object.hasOwn(module, name);
      if (isMissing) cb(new Error(`cannot import '${name}'`));
      return isMissing;
    },
  ];
}
