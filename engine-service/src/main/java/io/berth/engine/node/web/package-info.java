/**
 * What image-service asks of the engine, served.
 */
@NullMarked
package io.berth.engine.node.web;

import org.jspecify.annotations.NullMarked;
