/** The person: says how it is, answers while they wait, and says how to reach and to remind them, by the link to their own page. */
import { openLink, pages } from '../shared/web.ts';
import { answerWaiting, showWaiting } from './check-in.ts';
import { showDoor, showOrSavePreferences } from './contact.ts';
import { sendFeedback, showFeedback } from './feedback.ts';

export const handler = pages({
  'GET /person/{link}/feedback': async (visit) => showFeedback(visit, await openLink(visit, 'person')),
  'POST /person/{link}/feedback': async (visit) => sendFeedback(visit, await openLink(visit, 'person')),
  'GET /person/{link}/check-in': async (visit) => showWaiting(visit, await openLink(visit, 'person')),
  'POST /person/{link}/check-in': async (visit) => answerWaiting(visit, await openLink(visit, 'person')),
  'GET /person/{link}/contact': async (visit) => showDoor(visit, await openLink(visit, 'person')),
  'POST /person/{link}/contact': async (visit) =>
    showOrSavePreferences(visit, await openLink(visit, 'person')),
});
