import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  ACTION_STATUSES,
  type Action,
  MOST_ACTIONS,
  MOST_GOALS,
  nextVersion,
  type Plan,
  type PlanContent,
  planSchema,
  saysTheSame,
  versionKey,
} from '../../../workflows/plan.ts';
import {
  type Draft,
  draftOf,
  draftOfPlan,
  edited,
  fieldsOfDraft,
  readPlan,
} from '../../../workflows/plan-form.ts';
import { NOW } from './builders.ts';

const by = { id: 'amina', name: 'Amina' };
const plan = (version: number, content: PlanContent): Plan => ({ ...content, version, at: NOW, by });
const about = (strengths: string): PlanContent => ({ strengths, goals: [] });

const words = (most: number) => fc.stringMatching(new RegExp(`^[a-z]([a-z ]{0,${most - 2}}[a-z])?$`));
const scale = fc.option(fc.integer({ min: 1, max: 10 }), { nil: undefined });
const date = fc
  .date({ min: new Date('2026-01-01'), max: new Date('2030-12-31'), noInvalidDate: true })
  .map((day) => day.toISOString().slice(0, 10));
const without = <T extends object>(values: T) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined)) as T;
const content: fc.Arbitrary<PlanContent> = fc
  .record({
    strengths: words(50),
    needs: fc.option(words(50), { nil: undefined }),
    goals: fc.array(
      fc
        .record({
          goal: words(30),
          importance: scale,
          outcome: fc.option(words(30), { nil: undefined }),
          actions: fc.array(
            fc
              .record({
                what: words(30),
                confidence: scale,
                status: fc.constantFrom(...ACTION_STATUSES),
                reviewOn: fc.option(date, { nil: undefined }),
              })
              .map(without),
            { maxLength: MOST_ACTIONS },
          ),
        })
        .map(without),
      { maxLength: MOST_GOALS },
    ),
  })
  .map(without) as fc.Arbitrary<PlanContent>;

describe('versions of a plan', () => {
  it('are numbered on, and their keys sort as they do', () => {
    expect(nextVersion(about('a'), 0, [])).toEqual({ state: 'next', version: 1 });
    expect(nextVersion(about('b'), 1, [plan(1, about('a'))])).toEqual({ state: 'next', version: 2 });
    const versions = [1, 2, 9, 10, 99, 100, 1000];
    expect(versions.map(versionKey).sort()).toEqual(versions.map(versionKey));
  });

  it('say nothing new when the same is sent twice, also after others have saved', () => {
    expect(nextVersion(about('a'), 0, [plan(1, about('a'))])).toEqual({ state: 'same' });
    expect(nextVersion(about('a'), 1, [plan(1, about('a'))])).toEqual({ state: 'same' });
    const known = [plan(2, about('b')), plan(1, about('a'))];
    expect(nextVersion(about('a'), 0, known)).toEqual({ state: 'same' });
  });

  it('are not written over what somebody else saved meanwhile', () => {
    const known = [plan(2, about('b')), plan(1, about('a'))];
    expect(nextVersion(about('c'), 1, known)).toEqual({ state: 'overtaken', by: known[0] });
    // Having seen it, the same may be saved on top of it.
    expect(nextVersion(about('c'), 2, known)).toEqual({ state: 'next', version: 3 });
  });

  it('are lost to nobody, whoever saves at once and in whichever order', () => {
    fc.assert(
      fc.property(fc.array(fc.record({ says: fc.nat(3), seen: fc.nat(5) }), { maxLength: 20 }), (writes) => {
        const stored: Plan[] = [];
        for (const { says, seen } of writes) {
          // Everybody wrote on top of some version that was there, perhaps long ago.
          const base = Math.min(seen, stored.length);
          const next = nextVersion(about(`says ${says}`), base, stored);
          if (next.state === 'next') {
            // Only who has seen the newest one may write, and no number is written twice.
            expect([base, next.version]).toEqual([stored.length, stored.length + 1]);
            stored.unshift(plan(next.version, about(`says ${says}`)));
          } else if (next.state === 'same') {
            expect(stored.some((each) => saysTheSame(each, about(`says ${says}`)))).toBe(true);
          } else expect(next.by).toBe(stored[0]);
        }
        expect(stored.map(({ version }) => version)).toEqual(stored.map((_, i) => stored.length - i));
      }),
    );
  });
});

describe('the form of a plan', () => {
  it('gives back the plan that it was filled with', () => {
    fc.assert(
      fc.property(content, (made) => {
        const read = readPlan(draftOf(fieldsOfDraft(draftOfPlan(made))), [made], NOW);
        if ('errors' in read) throw new Error(JSON.stringify(read.errors));
        expect(saysTheSame(read.content, made)).toBe(true);
        expect(planSchema.safeParse(plan(1, read.content)).success).toBe(true);
      }),
    );
  });

  const draft: Draft = draftOfPlan({
    strengths: 'Sings',
    goals: [
      {
        goal: 'Sing again',
        actions: [
          { what: 'Visit', status: 'planned' },
          { what: 'Join', status: 'done' },
        ],
      },
      { goal: 'Sleep', actions: [] },
    ],
  });

  it('adds rows up to the most, and takes away the one that was meant, keeping all else', () => {
    const more = edited(draft, 'add-goal');
    expect(more?.goals.map(({ goal }) => goal)).toEqual(['Sing again', 'Sleep', '']);
    expect(edited(draft, 'add-action-2')?.goals[1]?.actions).toHaveLength(1);
    const less = edited(draft, 'remove-action-1-1');
    expect(less?.goals[0]?.actions.map(({ what }) => what)).toEqual(['Join']);
    expect(edited(draft, 'remove-goal-1')?.goals.map(({ goal }) => goal)).toEqual(['Sleep']);
    let full: Draft = draft;
    for (let i = 0; i < 9; i++) full = edited(edited(full, 'add-goal') ?? full, 'add-action-1') ?? full;
    expect([full.goals.length, full.goals[0]?.actions.length]).toEqual([MOST_GOALS, MOST_ACTIONS]);
    for (const button of ['save', undefined, 'add', 'remove-plan-1', 'add-action']) {
      expect(edited(draft, button)?.goals ?? draft.goals).toEqual(draft.goals);
    }
  });

  it('leaves out rows that nobody filled in', () => {
    const more = edited(edited(draft, 'add-goal') ?? draft, 'add-action-2') ?? draft;
    const read = readPlan(more, [], NOW);
    expect('content' in read && read.content.goals.map(({ actions }) => actions.length)).toEqual([2, 0]);
  });

  it('says what is wrong beside the field', () => {
    const errors = (fields: Record<string, string>) => {
      const read = readPlan(draftOf(fields), [], NOW);
      return 'errors' in read ? read.errors : {};
    };
    expect(errors({})).toEqual({ strengths: 'Enter strengths, needs or a goal' });
    expect(errors({ 'goal-1': 'Sing', 'importance-1': '11' })).toHaveProperty('importance-1');
    expect(errors({ 'goal-1': 'Sing', 'importance-1': '0' })).toHaveProperty('importance-1');
    expect(errors({ 'goal-1': '', 'outcome-1': 'Sang' })).toHaveProperty('goal-1');
    expect(errors({ 'goal-1': '', 'action-1-1': 'Visit', 'status-1-1': 'planned' })).toHaveProperty('goal-1');
    const action = { 'goal-1': 'Sing', 'action-1-1': 'Visit', 'status-1-1': 'planned' };
    expect(errors(action)).toEqual({});
    expect(errors({ ...action, 'confidence-1-1': 'very' })).toHaveProperty('confidence-1-1');
    expect(errors({ ...action, 'status-1-1': 'lost' })).toHaveProperty('status-1-1');
    expect(errors({ ...action, 'reviewOn-1-1-day': '31', 'reviewOn-1-1-month': '2' })).toHaveProperty(
      'reviewOn-1-1',
    );
    expect(errors({ ...action, 'action-1-1': '', 'confidence-1-1': '5' })).toHaveProperty('action-1-1');
    expect(errors({ strengths: 'x'.repeat(2001) })).toHaveProperty('strengths');
  });

  it('takes no day on which nobody would be written to any more, but keeps one that stood before', () => {
    const with_ = (reviewOn: string | undefined, status: Action['status'] = 'planned'): PlanContent => ({
      goals: [{ goal: 'Sing', actions: [{ what: 'Visit', status, ...(reviewOn ? { reviewOn } : {}) }] }],
    });
    const said = (made: PlanContent, ...before: PlanContent[]) => {
      const read = readPlan(draftOfPlan(made), before, '2026-11-23T00:30:00.000Z');
      return 'errors' in read ? read.errors : {};
    };
    for (const day of ['2026-11-23', '2026-11-22', '2025-11-25']) {
      expect(said(with_(day))).toEqual({
        'reviewOn-1-1': expect.stringMatching(
          /^The day to look at action 1 of goal 1 again must be after today/,
        ),
      });
      expect(said(with_(day, 'under-way'), with_('2026-12-01'))).toHaveProperty('reviewOn-1-1');
      // What is done is looked at no more; what is taken up again is.
      expect(said(with_(day, 'done'))).toEqual({});
      expect(said(with_(day), with_(day, 'done'))).toHaveProperty('reviewOn-1-1');
      expect(said(with_(day, 'under-way'), with_(day))).toEqual({});
    }
    expect(said(with_('2026-11-24'))).toEqual({});
    expect(said(with_(undefined))).toEqual({});
  });
});
