/**
 * The exec section of the Engine API.
 */
@NullMarked
package io.berth.engine.exec.web;

import org.jspecify.annotations.NullMarked;
