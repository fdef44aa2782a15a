/**
 * The administration of webhooks.
 */
@NullMarked
package io.berth.registry.event.web;

import org.jspecify.annotations.NullMarked;
