/**
 * Wire records of the Engine API's events.
 */
@NullMarked
package io.berth.docker.event;

import org.jspecify.annotations.NullMarked;
