import { survivesAnswersOf } from './apis.js';

survivesAnswersOf('ConnectWise RMM');
