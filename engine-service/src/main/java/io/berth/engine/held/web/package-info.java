/**
 * What the engine holds, over HTTP.
 */
@NullMarked
package io.berth.engine.held.web;

import org.jspecify.annotations.NullMarked;
