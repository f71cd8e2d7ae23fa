// Every sentence of the shell in the language of the user: components ask here and know no words of
// their own. Another language is another object of the same type.

import { english, type Strings } from "./english";

export const strings: Strings = english;
