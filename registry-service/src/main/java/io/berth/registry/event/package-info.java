/**
 * What happens in repositories, told to webhooks.
 */
@NullMarked
package io.berth.registry.event;

import org.jspecify.annotations.NullMarked;
