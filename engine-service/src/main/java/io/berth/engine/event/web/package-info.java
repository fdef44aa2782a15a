/**
 * The events endpoint.
 */
@NullMarked
package io.berth.engine.event.web;

import org.jspecify.annotations.NullMarked;
