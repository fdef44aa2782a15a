/**
 * The containers section of the Engine API.
 */
@NullMarked
package io.berth.engine.container.web;

import org.jspecify.annotations.NullMarked;
