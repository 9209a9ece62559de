import { testPagesOn } from './pages.ts';

testPagesOn('desktop');
