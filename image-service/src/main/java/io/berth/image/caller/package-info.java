/** Who commands this service, as the platform's gateway tells. */
@NullMarked
package io.berth.image.caller;

import org.jspecify.annotations.NullMarked;
