/** Whether words for a provider who has not accepted yet say who somebody is. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { namesIn, reachesIn, whyNotForProvider } from '../../../workflows/naming.ts';

const ROISIN = { firstName: 'Róisín', familyName: "O'Brien" };
const named = (firstName: string, familyName: string) => ({ firstName, familyName });

describe('names in words', () => {
  it.each([
    [ROISIN, 'Róisín would like it', ['Róisín']],
    [ROISIN, 'Roisin, roisin and RÓISÍN', ['Roisin', 'roisin', 'RÓISÍN']],
    [ROISIN, 'Ro\u0301isi\u0301n sings', ['Róisín']],
    [ROISIN, 'Roi\u00adsin sings', ['Roisin']],
    [ROISIN, 'roisin’s mother', ['roisin']],
    [ROISIN, "Ms O'Brien", ["O'Brien"]],
    [ROISIN, 'Ms O’Brien’s flat', ['O’Brien']],
    [ROISIN, 'Ms OBrien, or O Brien', ['OBrien', 'O Brien']],
    [ROISIN, 'Ms Brien', ['Brien']],
    [ROISIN, 'roisin.obrien at home', ['roisin', 'obrien']],
    [
      named('Anne Marie', 'Smith'),
      'Anne Marie, Anne-Marie, Annemarie or Anne',
      [...['Anne Marie', 'Anne-Marie', 'Annemarie', 'Anne']],
    ],
    [named('Annemarie', 'Smith'), 'Anne-Marie sings', ['Anne-Marie']],
    [named('Bilqis', 'Begum Khan'), 'Mrs Begum Khan', ['Begum Khan']],
    [named('Bilqis', 'Begum Khan'), 'Mrs Khan', ['Khan']],
    [named('Jo', 'Smith–Jones'), 'jo or Mrs Jones', ['jo', 'Jones']],
    [named('An', 'Do'), 'An answer: I do so. Ask An Do.', ['An Do']],
    [named('Li', 'Ng'), 'Li sings', ['Li']],
    [named('Łukasz', 'Weiß'), 'Lukasz Weiss', ['Lukasz Weiss']],
    [named('Will', 'Lee'), 'Will there be a lift?', ['Will']],
    [{ familyName: 'Суарес' }, 'суарес', ['суарес']],
  ])('%j in %s', (person, text, found) => {
    expect(namesIn(text, person)).toEqual(found);
  });

  it.each([
    [ROISIN, 'A singer from Dublin. She would like O and B.'],
    [named('Ann', 'Lee'), 'Annual leave; she is sleeping'],
    [named('Rob', 'de la Cruz'), 'Robust, from Rio de Janeiro, de la'],
    [named('Mary', 'Day'), 'Tuesdays, primary'],
    [named('Theo', 'King'), 'Parking at the office'],
  ])('none of %j in %s', (person, text) => {
    expect(namesIn(text, person)).toEqual([]);
  });

  it('of anybody are found, whatever stands around them', () => {
    const name = fc.stringMatching(/^[A-Za-zÀ-ÖØ-öø-ž]{3,12}([-' ’][A-Za-zÀ-ÖØ-öø-ž]{3,12})?$/);
    const around = fc.constantFrom('', ' ', ', ', ' (', '’s ', '. ', '\n', '“');
    fc.assert(
      fc.property(name, name, around, around, fc.boolean(), (firstName, familyName, before, after, first) => {
        const one = first ? firstName : familyName;
        for (const typed of [one, one.toUpperCase(), one.normalize('NFD'), one.replace("'", '’')]) {
          expect(
            namesIn(`ask${before || ' '}${typed}${after || '.'}`, { firstName, familyName }),
          ).not.toEqual([]);
        }
      }),
    );
  });
});

describe('ways to reach somebody in words', () => {
  const person = {
    ...ROISIN,
    email: 'roisin@example.com',
    phone: '+44 (0)20 7946 0823',
    nhsNumber: '9434765919',
  };
  it.each([
    ['Write to ROISIN@example.com', ['email address']],
    ['Ring 020 7946 0823 after 10', ['phone number']],
    ['Ring +44-20-7946-0823', ['phone number']],
    ['It is 943 476 5919', ['NHS number']],
    ['In room 20, from 10 to 12, for 7946 people', []],
  ])('%s', (text, found) => {
    expect(reachesIn(text, person)).toEqual(found);
  });

  it('are never sent; names are, where whoever wrote them says that they name nobody', () => {
    const both = 'Róisín: roisin@example.com';
    expect(whyNotForProvider(both, person, false)).toContain('their email address and “Róisín”');
    expect(whyNotForProvider(both, person, true)).toContain('This has their email address. The provider');
    expect(whyNotForProvider('Róisín', person, true)).toBeUndefined();
    expect(whyNotForProvider('Likes to sing', { familyName: 'Ito', phone: '' }, false)).toBeUndefined();
  });
});
