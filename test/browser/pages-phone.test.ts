import { testPagesOn } from './pages.ts';

testPagesOn('phone');
