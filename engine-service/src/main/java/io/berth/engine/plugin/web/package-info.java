/** Plugins over HTTP, on an engine that has none. */
@NullMarked
package io.berth.engine.plugin.web;

import org.jspecify.annotations.NullMarked;
