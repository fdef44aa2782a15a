/**
 * The state of the platform's services, asked of each of them.
 */
@NullMarked
package io.berth.gateway.health;

import org.jspecify.annotations.NullMarked;
