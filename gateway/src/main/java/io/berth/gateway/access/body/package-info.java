/** Bodies of the administration. */
@NullMarked
package io.berth.gateway.access.body;

import org.jspecify.annotations.NullMarked;
