/** For whom the engine works, as the platform's gateway tells, and what of the engine's is theirs. */
@NullMarked
package io.berth.engine.caller;

import org.jspecify.annotations.NullMarked;
