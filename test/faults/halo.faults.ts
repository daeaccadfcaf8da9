import { survivesAnswersOf } from './apis.js';

survivesAnswersOf('Halo');
