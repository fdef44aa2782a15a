/** Networks over HTTP. */
@NullMarked
package io.berth.engine.network.web;

import org.jspecify.annotations.NullMarked;
