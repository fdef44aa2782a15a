/**
 * The volume section of the Engine API.
 */
@NullMarked
package io.berth.engine.volume.web;

import org.jspecify.annotations.NullMarked;
