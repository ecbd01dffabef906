(** Definitions shared by the statements about matrices (Lemmas 1 and 2,
    Theorem 1, Corollary 1, rescaling).

    Defines: quadratic forms, symmetric positive semidefinite matrices, the inner product
    tr(X^T Y), the operator X |-> sum_i A_i X B_i, products of layers and local minima.
    Proves nothing: this file is read together with StatementsMatrix.v.

    Notation (Mathematical Components).  R is any ordered field with decidable order; ['M_(m, n)]
    are the m x n matrices, ['M_n] the square ones, ['cV_n] the columns; [*m] is the matrix
    product, [^T] the transpose, [\tr] the trace, [\sum_i] a sum over ['I_r] = {0, ..., r-1}.

    Source: K. Nar, S. S. Sastry, "Step Size Matters in Deep Learning", 2018,
    Lemmas 1 and 2, Theorem 1, Corollary 1. *)

Set Warnings "-notation-overridden,-ambiguous-paths".
From mathcomp Require Import all_ssreflect all_algebra.
Set Implicit Arguments. Unset Strict Implicit. Unset Printing Implicit Defensive.
Import GRing.Theory Num.Theory.
Local Open Scope ring_scope.

(** x^T A x. *)
Definition form (R : realFieldType) (n : nat) (A : 'M[R]_n) (x : 'cV[R]_n) : R :=
  (x^T *m A *m x) 0 0.

(** The squared Euclidean norm of x. *)
Definition norm2 (R : realFieldType) (n : nat) (x : 'cV[R]_n) : R := (x^T *m x) 0 0.

Definition symmetric (R : realFieldType) (n : nat) (A : 'M[R]_n) : Prop := A^T = A.

(** A is symmetric positive semidefinite. *)
Definition psd (R : realFieldType) (n : nat) (A : 'M[R]_n) : Prop :=
  symmetric A /\ forall x, 0 <= form A x.

(** <X, Y> = tr(X^T Y). *)
Definition inner (R : realFieldType) (m n : nat) (X Y : 'M[R]_(m, n)) : R :=
  \tr (X^T *m Y).

(** f(X) = sum_i A_i X B_i. *)
Definition sandwich (R : realFieldType) (m n r : nat)
    (A : 'I_r -> 'M[R]_m) (B : 'I_r -> 'M[R]_n) (X : 'M[R]_(m, n)) : 'M[R]_(m, n) :=
  \sum_i (A i *m X *m B i).

(** Layers W_0, W_1, ... of shapes p 1 x p 0, p 2 x p 1, ... *)
Definition layers (R : realFieldType) (p : nat -> nat) : Type := forall i, 'M[R]_(p i.+1, p i).

(** The product W_(k-1) ... W_0. *)
Fixpoint chain (R : realFieldType) (p : nat -> nat) (W : layers R p) (k : nat) : 'M[R]_(p k, p 0%N) :=
  if k is j.+1 then W j *m chain W j else 1%:M.

(** P k = W_(L-1) ... W_k for k <= L. *)
Definition products_above (R : realFieldType) (p : nat -> nat) (W : layers R p) (L : nat)
    (P : forall k, 'M[R]_(p L, p k)) : Prop :=
  P L = 1%:M /\ forall k, (k < L)%N -> P k = P k.+1 *m W k.

(** W is a local minimum of the loss in its first L layers: no layers are better whose entries
    differ by less than e. *)
Definition local_min (R : realFieldType) (p : nat -> nat) (loss : layers R p -> R) (L : nat)
    (W : layers R p) : Prop :=
  exists e, 0 < e /\ forall V : layers R p,
    (forall i, (i < L)%N -> forall a b, `|V i a b - W i a b| < e) -> loss W <= loss V.
